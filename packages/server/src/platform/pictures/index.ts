/** Pixels of a side. */
export const SIDE = 256;

/** Makes pictures that somebody sent safe to show to everyone. */
export interface Pictures {
  /**
   * The middle of a picture, upright, as a WebP of SIDE x SIDE pixels without metadata; of an animation its first frame. The
   * same bytes give the same.
   * @param bytes PNG, JPEG, WebP, GIF or AVIF: what they are they say themselves
   * @throws ProtocolError bad_input naming `picture` when they are none of these, damaged, or too many pixels; overloaded
   */
  square(bytes: Buffer): Promise<Buffer>;
}
