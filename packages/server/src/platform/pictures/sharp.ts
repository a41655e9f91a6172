import { badInput } from '@confab/protocol';
import type { Sharp, SharpOptions } from 'sharp';
import { createGate } from '../gate.ts';
import { type Pictures, SIDE } from './index.ts';

/** What decodes, by what libvips calls it. No other is ever asked what some bytes are. */
const DECODERS = ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`);
/** As it is once unpacked: some 100 MB. */
const MAX_PIXELS = 25_000_000;
const MAX_SECONDS = 10;

/** Each takes one of libuv's four threads, and up to the memory of MAX_PIXELS. */
const RUNNING = 1;
const WAITING = 10;

export function sharpPictures(): Pictures {
  const gate = createGate(RUNNING, WAITING);
  let loaded: Promise<Open> | undefined;
  return {
    square: (bytes) =>
      gate(async () => {
        const open = await (loaded ??= load());
        try {
          return await open(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
            .timeout({ seconds: MAX_SECONDS })
            .autoOrient()
            .resize(SIDE, SIDE, { fit: 'cover' })
            .webp()
            .toBuffer();
        } catch {
          throw badInput(
            'picture',
            `must be a whole PNG, JPEG, WebP, GIF or AVIF of at most ${MAX_PIXELS / 1_000_000} million pixels`,
          );
        }
      }),
  };
}

type Open = (bytes: Buffer, options: SharpOptions) => Sharp;

// With the first picture: most processes never see one, and it takes 25 MB.
async function load(): Promise<Open> {
  const { default: sharp } = await import('sharp');
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: DECODERS });
  sharp.concurrency(1);
  // The same bytes hardly ever come twice.
  sharp.cache(false);
  return sharp;
}
