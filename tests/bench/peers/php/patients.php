<?php
/* patients.php -- the patients page in PHP with PDO: the session's look-up, three statements, a
 * template of the language itself. peers.py makes page.php out of the page that MedSynQ sends. */

declare(strict_types=1);

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

function rows(PDO $db, string $sql, array $values): array
{
    $statement = $db->prepare($sql);
    $statement->execute($values);
    return $statement->fetchAll(PDO::FETCH_ASSOC);
}

function patient(array $row, int $today): array
{
    $hex = bin2hex($row['id']);
    [$year, $month, $day] = explode('-', $row['birth_date']);
    $row['id'] = substr($hex, 0, 8) . '-' . substr($hex, 8, 4) . '-' . substr($hex, 12, 4) . '-'
        . substr($hex, 16, 4) . '-' . substr($hex, 20);
    $row['age'] = (string) intdiv($today - (int) ($year . $month . $day), 10000);
    return $row;
}

$db = new PDO('sqlite:' . getenv('BENCH_DATABASE'), null, null, [
    PDO::ATTR_PERSISTENT => true, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$token = $_COOKIE['medsynq'] ?? '';
$session = rows($db, 'SELECT s.tenant_id, u.name AS person, t.name AS organisation
    FROM bench_sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    JOIN tenants t ON t.tenant_id = s.tenant_id WHERE s.id = ? AND s.expires_at > ?',
    [hash('sha256', $token), time()])[0] ?? null;
if ($session === null) {
    http_response_code(403);
    exit;
}
$tenant = [$session['tenant_id']];
$count = rows($db, "SELECT value FROM counters WHERE tenant_id = ? AND name = 'patients.active'",
    $tenant)[0]['value'];
$patients = rows($db, 'SELECT id, name, birth_date, mrn FROM patients
    WHERE tenant_id = ? AND listing = 1 ORDER BY name_key, id LIMIT 51', $tenant);
$today = (int) gmdate('Ymd');
$patients = array_map(fn (array $row): array => patient($row, $today), array_slice($patients, 0, 50));
$mask = random_bytes(32);
$csrf = base64url($mask . (hash_hmac('sha256', $token, getenv('BENCH_SECRET'), true) ^ $mask));
$frame = ['organisation' => $session['organisation'], 'person' => $session['person'],
    'csrf' => $csrf, 'count' => number_format((int) $count),
    'after' => $patients[count($patients) - 1]['id']];

ob_start();
require getenv('BENCH_PAGE');
header('Content-Type: text/html; charset=utf-8');
header('Cache-Control: no-store');
header('X-Content-Type-Options: nosniff');
header('Content-Length: ' . ob_get_length());
ob_end_flush();
