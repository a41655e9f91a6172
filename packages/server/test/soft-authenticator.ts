/** A WebAuthn authenticator in software (WebAuthn Level 3 §6), which can also be made to misbehave. */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** What is wrong with a response; all is right unless told. */
export interface Fault {
  origin?: string;
  rpId?: string;
  /** Which challenge is signed. */
  challenge?: string;
  type?: string;
  /** The bits of authenticator data; UP and UV unless told. */
  flags?: number;
  counter?: number;
  userHandle?: string;
  /** Of the attestation. */
  format?: string;
  certificates?: boolean;
}

export const UP = 0x01;
export const UV = 0x04;
const AT = 0x40;

interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}
interface RequestOptions {
  challenge: string;
  rpId: string;
}

/** One credential of one site, ES256. */
export class SoftAuthenticator {
  readonly id: string = randomBytes(32).toString('base64url');
  counter = 0;
  userHandle = '';
  readonly #origin: string;
  readonly #privateKey: KeyObject;
  readonly #cosePublicKey: Buffer;

  constructor(origin: string) {
    this.#origin = origin;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const coordinates = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')] as const;
    // COSE_Key of type EC2, ES256, P-256 (RFC 9053 §7.1).
    this.#cosePublicKey = cbor(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, coordinates[0]],
        [-3, coordinates[1]],
      ]),
    );
  }

  /** As `navigator.credentials.create` answers. */
  create(options: Record<string, unknown>, fault: Fault = {}) {
    const { challenge, rp, user } = options as unknown as CreationOptions;
    this.userHandle = user.id;
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = Buffer.concat([
      this.#authenticatorData(rp.id, { ...fault, flags: (fault.flags ?? UP | UV) | AT }),
      Buffer.alloc(16),
      length,
      id,
      this.#cosePublicKey,
    ]);
    const statement = new Map<string, unknown>(fault.certificates === true ? [['x5c', Buffer.alloc(8)]] : []);
    const attestationObject = cbor(
      new Map<string, unknown>([
        ['fmt', fault.format ?? 'none'],
        ['attStmt', statement],
        ['authData', authData],
      ]),
    );
    return {
      ...this.#named(),
      response: {
        clientDataJSON: this.#clientData('webauthn.create', challenge, fault).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** As `navigator.credentials.get` answers. */
  get(options: Record<string, unknown>, fault: Fault = {}) {
    const { challenge, rpId } = options as unknown as RequestOptions;
    const authenticatorData = this.#authenticatorData(rpId, fault);
    const clientData = this.#clientData('webauthn.get', challenge, fault);
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()]);
    return {
      ...this.#named(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: createSign('sha256').update(signed).sign(this.#privateKey).toString('base64url'),
        userHandle: fault.userHandle ?? this.userHandle,
      },
    };
  }

  #named() {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {} };
  }

  #clientData(type: string, challenge: string, fault: Fault): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: fault.type ?? type,
        challenge: fault.challenge ?? challenge,
        origin: fault.origin ?? this.#origin,
        crossOrigin: false,
      }),
    );
  }

  #authenticatorData(rpId: string, { rpId: other, flags = UP | UV, counter = ++this.counter }: Fault): Buffer {
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags);
    tail.writeUInt32BE(counter, 1);
    return Buffer.concat([
      createHash('sha256')
        .update(other ?? rpId)
        .digest(),
      tail,
    ]);
  }
}

/** As much of CBOR (RFC 8949) as it takes. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
  throw new Error('there is no CBOR for it');
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  if (length < 256) return Buffer.of((major << 5) | 24, length);
  return Buffer.of((major << 5) | 25, length >> 8, length & 0xff);
}
