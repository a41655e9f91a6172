import type { FastifyRequest } from 'fastify';
import { isIP } from 'node:net';

/** Whether a program on this machine asks, through no proxy and under no other name than localhost. */
export function isLocal({ headers, socket, hostname }: FastifyRequest): boolean {
  const proxied = headers['x-forwarded-for'] ?? headers['forwarded'] ?? headers['x-real-ip'];
  return (
    proxied === undefined &&
    isLoopback(socket.remoteAddress ?? '') &&
    (hostname === 'localhost' || isLoopback(hostname))
  );
}

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/, '');
  return isIP(address) !== 0 && (address === '::1' || address.startsWith('127.'));
}
