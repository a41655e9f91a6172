/** A TCP proxy in front of a server, whose links tests can cut. */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

export interface Proxy {
  url: string;
  /** Cuts every link at once, as a lost network does. */
  cut(): void;
  /** From now on what the server answers is lost, until the links are cut. What clients send still arrives. */
  mute(): void;
  /** While true, new links are refused. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const links = new Set<Socket>();
  let down = false;
  let muted = new WeakSet<Socket>();

  const server = createServer((client) => {
    if (down) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      links.add(from);
      from.on('data', (data) => {
        if (!muted.has(from)) to.write(data);
      });
      // Whatever ends one side ends the other.
      from.on('error', () => undefined);
      from.on('close', () => {
        links.delete(from);
        to.destroy();
      });
    }
    upstream.on('connect', () => upstream.setNoDelay(true));
    toServer.add(upstream);
  });
  const toServer = new Set<Socket>();

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const link of links) link.destroy();
    toServer.clear();
    muted = new WeakSet();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mute() {
      for (const socket of toServer) muted.add(socket);
    },
    setDown(is) {
      down = is;
      if (is) cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
