// main.go: the patients page in Go: net/http, html/template, database/sql with mattn/go-sqlite3 and
// prepared statements. peers.py makes the template out of the page that MedSynQ sends.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const connections = 16

type patient struct {
	ID, Name, Birth, MRN string
	Age                  int
}

type frame struct {
	Organisation, Person, CSRF, Count, After string
	Patients                                 []patient
}

type server struct {
	page                     *template.Template
	session, counter, listed *sql.Stmt
	secret                   []byte
	buffers                  sync.Pool
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func uuid(id []byte) string {
	h := hex.EncodeToString(id)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func age(birth string, today int) int {
	born, _ := strconv.Atoi(birth[:4] + birth[5:7] + birth[8:10])
	return (today - born) / 10000
}

func (s *server) csrf(token string) string {
	both := make([]byte, 2*sha256.Size)
	must(rand.Read(both[:sha256.Size]))
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(token))
	for i, b := range mac.Sum(nil) {
		both[sha256.Size+i] = b ^ both[i]
	}
	return base64.RawURLEncoding.EncodeToString(both)
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func (s *server) patients(tenant int64) ([]patient, error) {
	rows, err := s.listed.Query(tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	now := time.Now().UTC()
	today := now.Year()*10000 + int(now.Month())*100 + now.Day()
	list := make([]patient, 0, 51)
	for rows.Next() {
		var p patient
		var id sql.RawBytes
		if err := rows.Scan(&id, &p.Name, &p.Birth, &p.MRN); err != nil {
			return nil, err
		}
		p.ID, p.Age = uuid(id), age(p.Birth, today)
		list = append(list, p)
	}
	if len(list) > 50 {
		list = list[:50]
	}
	return list, rows.Err()
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var f frame
	var tenant int64
	var count int
	cookie, err := r.Cookie("medsynq")
	if err != nil {
		http.Error(w, "", http.StatusForbidden)
		return
	}
	hash := sha256.Sum256([]byte(cookie.Value))
	err = s.session.QueryRow(hex.EncodeToString(hash[:]), time.Now().Unix()).
		Scan(&tenant, &f.Person, &f.Organisation)
	if err != nil {
		http.Error(w, "", http.StatusForbidden)
		return
	}
	if err = s.counter.QueryRow(tenant).Scan(&count); err == nil {
		f.Patients, err = s.patients(tenant)
	}
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	f.CSRF, f.Count, f.After = s.csrf(cookie.Value), thousands(count), f.Patients[len(f.Patients)-1].ID
	body := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(body)
	body.Reset()
	if err = s.page.Execute(body, &f); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	w.Write(body.Bytes())
}

func main() {
	db := must(sql.Open("sqlite3", os.Getenv("BENCH_DATABASE")))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s := &server{
		page:   must(template.ParseFiles(os.Getenv("BENCH_PAGE"))),
		secret: []byte(os.Getenv("BENCH_SECRET")),
		session: must(db.Prepare(`SELECT s.tenant_id, u.name, t.name FROM bench_sessions s
			JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
			JOIN tenants t ON t.tenant_id = s.tenant_id WHERE s.id = ? AND s.expires_at > ?`)),
		counter: must(db.Prepare(
			"SELECT value FROM counters WHERE tenant_id = ? AND name = 'patients.active'")),
		listed: must(db.Prepare(`SELECT id, name, birth_date, mrn FROM patients
			WHERE tenant_id = ? AND listing = 1 ORDER BY name_key, id LIMIT 51`)),
	}
	s.buffers.New = func() any { return new(bytes.Buffer) }
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("BENCH_PORT"), s))
}
