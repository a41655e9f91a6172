/** Headers every answer carries, and which origins may call. */

export interface OriginConfig {
  /** Where people reach the server from outside (scheme, host, port), when it is known. */
  publicUrl: string | undefined;
  /** Origins of other sites whose pages may call the server. */
  corsOrigins: readonly string[];
}

/**
 * Whether a page of this origin may call the server, over HTTP or by opening a socket. `origin` and `host` are the
 * headers of the request. Without an Origin header the caller is no web page (RFC 6454 §7.3) and is allowed; pages are
 * allowed from the server's own host, PUBLIC_URL and CORS_ORIGINS. The scheme of the own host is not compared: behind
 * a proxy that ends TLS the server does not know it.
 */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, config: OriginConfig): boolean {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  // Also refuses `null`, the origin of sandboxed frames and local files.
  if (url === null || url.origin !== origin) return false;
  if (origin === config.publicUrl || config.corsOrigins.includes(origin)) return true;
  return host !== undefined && URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}

/** What every answer carries, static files and errors too. */
export function securityHeaders(publicUrl: string | undefined): Record<string, string> {
  // Some browsers do not count the socket's scheme as 'self'.
  const socket = publicUrl === undefined ? '' : ` ${publicUrl.replace(/^http/, 'ws')}`;
  const csp = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${socket}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  const headers: Record<string, string> = {
    'content-security-policy': csp.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
  // Only the administrator of the host can speak for its subdomains, so they are left out.
  if (publicUrl?.startsWith('https:') === true) headers['strict-transport-security'] = 'max-age=31536000';
  return headers;
}
