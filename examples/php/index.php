<?php

// A back end that asks r3session who is calling, with nothing but PHP 8. `php -S localhost:8080 index.php` serves it here,
// php-fpm in production.

declare(strict_types=1);

/** Nobody gets past. */
final class Refused extends RuntimeException
{
    public function __construct(int $status, public readonly string $errorCode, public readonly string $action)
    {
        parent::__construct($errorCode, $status);
    }
}

/**
 * Who is calling.
 *
 * @return array{sub: string, client_id: string} openid and appid
 * @throws Refused
 */
function caller(): array
{
    if (!preg_match('/^Bearer (\S+)$/i', $_SERVER['HTTP_AUTHORIZATION'] ?? '', $found)) {
        throw new Refused(401, 'unauthorized', 'relogin');
    }
    $url = getenv('R3SESSION_URL') ?: 'http://localhost:3000';
    $text = @file_get_contents("$url/v1/introspect", false, stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ['Authorization: Bearer ' . getenv('R3SESSION_KEY'), 'Content-Type: application/json'],
        'content' => json_encode(['token' => $found[1]]),
        'timeout' => 2,
        'follow_location' => 0,
    ]]));
    $answer = json_decode((string) $text, true);
    $active = $answer['active'] ?? null;
    if ($active === false) {
        throw new Refused(401, 'invalid_session', 'relogin');
    }
    if ($active !== true || ($answer['sub'] ?? '') === '') {
        error_log('can\'t ask r3session: ' . ($http_response_header[0] ?? 'no answer'));
        throw new Refused(503, 'overloaded', 'retry');
    }
    return $answer;
}

try {
    header('Content-Type: application/json');
    echo json_encode(['ordersOf' => caller()['sub']]);
} catch (Refused $refused) {
    // As r3session answers, so that its client in the mini program knows what to do.
    $status = $refused->getCode();
    http_response_code($status);
    header('Content-Type: application/problem+json');
    if ($status === 503) {
        header('Retry-After: 1');
    }
    echo json_encode([
        'type' => "urn:r3session:error:$refused->errorCode",
        'title' => $status === 401 ? 'Unauthorized' : 'Service Unavailable',
        'status' => $status,
        'code' => $refused->errorCode,
        'action' => $refused->action,
    ]);
}
