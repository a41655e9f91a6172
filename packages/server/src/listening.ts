/** Where the server listens. */
import type { AddressInfo } from 'node:net';
import { StartupError } from './platform/lifecycle.ts';

interface Listener {
  listen(at: { host: string; port: number; backlog: number }): Promise<unknown>;
  server: { address(): AddressInfo | string | null };
}

/**
 * Connections the system keeps until they are accepted, which are one in each turn of the event loop: as many as it is set up for
 * (`net.core.somaxconn` on Linux). Those beyond it try again after one, three and seven seconds.
 */
const BACKLOG = 65_535;

/** Listens, and answers the address to reach it by, such as http://127.0.0.1:3000. @throws StartupError */
export async function listen(http: Listener, { host, port }: { host: string; port: number }): Promise<string> {
  try {
    await http.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const where = `${host}:${port}`;
    if (code === 'EADDRINUSE')
      throw new StartupError(`${where} is in use by another program; set PORT`, { cause: error });
    throw new StartupError(`Cannot listen on ${where} (${code}); check HOST and PORT`, { cause: error });
  }
  return addressOf(http.server.address() as AddressInfo);
}

function addressOf({ address, family, port }: AddressInfo): string {
  // What listens on every address is reached by this one.
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
