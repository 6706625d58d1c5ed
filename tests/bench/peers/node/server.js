/* server.js -- the patients page in Node: node:http, a cluster of as many workers as there are
 * cores, better-sqlite3 with prepared statements. peers.py makes page.js out of MedSynQ's page. */
"use strict";

const cluster = require("node:cluster");
const crypto = require("node:crypto");
const http = require("node:http");
const os = require("node:os");
const Database = require("better-sqlite3");
const page = require(process.env.BENCH_PAGE);

function cookie(header, name) {
  for (const part of (header || "").split(";")) {
    const equals = part.indexOf("=");
    if (part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return "";
}

function patient(row, today) {
  const hex = row.id.toString("hex");
  const born = row.birth_date;
  row.id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  row.age = Math.floor((today - Number(born.slice(0, 4) + born.slice(5, 7) + born.slice(8, 10))) / 10000);
  return row;
}

function csrf(token) {
  const mask = crypto.randomBytes(32);
  const hidden = crypto.createHmac("sha256", process.env.BENCH_SECRET).update(token).digest();
  for (let i = 0; i < hidden.length; i++) hidden[i] ^= mask[i];
  return Buffer.concat([mask, hidden]).toString("base64url");
}

function serve() {
  const db = new Database(process.env.BENCH_DATABASE);
  const session = db.prepare(`SELECT s.tenant_id, u.name AS person, t.name AS organisation
    FROM bench_sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    JOIN tenants t ON t.tenant_id = s.tenant_id WHERE s.id = ? AND s.expires_at > ?`);
  const counted = db.prepare(
    "SELECT value FROM counters WHERE tenant_id = ? AND name = 'patients.active'").pluck();
  const listed = db.prepare(`SELECT id, name, birth_date, mrn FROM patients
    WHERE tenant_id = ? AND listing = 1 ORDER BY name_key, id LIMIT 51`);

  http.createServer((request, response) => {
    const token = cookie(request.headers.cookie, "medsynq");
    const hash = crypto.createHash("sha256").update(token).digest("hex");
    const who = session.get(hash, Math.floor(Date.now() / 1000));
    if (!who) {
      response.writeHead(403).end();
      return;
    }
    const today = Number(new Date().toISOString().slice(0, 10).replaceAll("-", ""));
    const patients = listed.all(who.tenant_id).slice(0, 50).map((row) => patient(row, today));
    const frame = {
      organisation: who.organisation, person: who.person, csrf: csrf(token),
      count: counted.get(who.tenant_id).toLocaleString("en-US"), after: patients.at(-1).id };
    const body = Buffer.from(page(frame, patients));
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff", "Content-Length": body.length });
    response.end(body);
  }).listen(Number(process.env.BENCH_PORT), "127.0.0.1");
}

if (cluster.isPrimary) {
  for (let i = 0; i < os.availableParallelism(); i++) cluster.fork();
} else {
  serve();
}
