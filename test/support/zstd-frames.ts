import { naiveXxh64 } from '../reference/naive-xxh64.ts';

/** Lines that zstd finds both literals and matches in; what ZSTD_SAMPLE inflates to. */
export const ZSTD_SAMPLE_TEXT = Array.from({ length: 400 }, (_, i) => `${(i * 7919) % 1000},${(i * i) % 97},${i}\n`).join('');

/** ZSTD_SAMPLE_TEXT by `zstd -19`: one compressed block with Huffman literals and coded sequences, with a checksum. */
export const ZSTD_SAMPLE = new Uint8Array(
  Buffer.from(
    [
      'KLUv/WRSD701AGre8BgJsDskSRSMmeZ0igGIAYwBv85rMvSVonciXE8KLp5VqL6iWW19GcsajTmSVV4JjrWkY1Osr9KZYX2rzlsdtQnaeuqFEKxz',
      'hQ+vGlED0apQvRGrejeoSNWYihinStf5UaoiJUbV1zK+GlIj01W5npxQhSlE8KhWW2jUof6ERa03akhUs8oQhyrTiaJQ/5KNQT1rnfFUU62Opk70',
      'hkC1C2LelKz+aVOiHoI1NWlYkKaPCglnau7IUKZUOjGmcS0ofjpWs6KnVz0ywnSqMMergyaN6m2WdKpxJkmvKnWOdKwzQZHGlUIYUmp5eKm5dkNL',
      'H70igtSkQMWLEtVitChZ/2NF7QYpOlExTtTUIVOiZyU5I/q3HnxUpgZCR816JoRovVDDe4fqIdprfRTrhWnYSK9c5YzzhnTqKK+vNIxXpBXmX7qa',
      'T78xvTvhvQsWPBeqJqG5Eb0My51rnEjuqQLFcR0dK4r7EhnDfbXkeLekdtqV98AENwpnXm11nVahfoLVk0YIqRQVD6fzzg2l5FIRo9ea4iu1MLru',
      '+QiFQo0xklAljmOurWOKuVE6hrxV5ktqc7p6EQRzX7jwHDUM7dTbsOYaRKSIihQHqnOj3CU4RkzLji+Xrka0SE9MKNdXiPNCagdNrr9gwTRKSJUZ',
      'zlAniFIvuRhmrSteplZG/705ArlnBeGZ6ps20cNZdsNOsgoFh6gjQjEpfRiPFhBvrhnR41KPijBXGONZHUe7WXEkKXPEjerMKeJOlSIY4l61LLy4',
      'Y7UTWty4Xg1BXCoQ8cI111K0cB/9jRWuSQOOFC5RxY4TLlmHKOHaJTEj3InWz4drqkHQ4Z71LAjh/oUS3l2ZeoZ216wPYt2tN1yku0OVK85d65RR',
      '7sKU5hh35VrB3w2p2fRdX+9MuCtSsPPs0tUUNLsxvQjL7t34kOxCVYA4diM6RhS7cyUqht1TS4y366j9aLvvEey+CscDt6Qu08CV93MWuNGIIIFr',
      'q1g44Ap1TijgnpRqGOBStIZ4cOe1KBpccs9GAPcKcLyr1Ha0q3tiXaEhJl1d+TlX6UBQrleyYFzJLRIGRefvdU2Cvhd6F8K9Lnh4Ut/Qri9ikRtT',
      'pHkljEPR8VFOSncMe4VaxdtqY9re6MUJ9soLD15JDUJ79SasN2hIjooQ59R5UeZKYIyIlhkPVaOj6717Qqg3phDm0dU+TaS/s3yNClJIZYQj14mh',
      'wJRMDGsd8UO1KrreGyPQa1aQ48nUp/09mHXWMJNMFTpnoiNBsUsXBlkLhieq2dAmPSLCvI/CFM9ch9Go97HiGneksUpxrjpjylQpzigHH1W7oKd6',
      'JQR5rwo0vLFaiBbXv1jUACOZK2acR4eOYlISBlHr5slqcNru2QnxThQqeKZ6hHbWx7D+hokkUznimHWqKPXSGGOoFcf/tZrpvzC9I/yVK5h5ITWd',
      '5uslWCKNC4muAsOJ6dhQ7hIRA6olxUfUbvRcD47g91S44znqor0fs16NOKmk4uDIOxeUKJUwbK0ZXqgWRJ/0XAR4KQpgvHltRiP3dKxzryGkc6Vy',
      'c851B045F0p2xrluUfDnSk2EPvd6H8K55IKJN6+PaBR9FeskvIvKayNa9FQsW0OMJFT5cS560qFQlIwxb5H5i5Jrcvqi13sQLioFC8+irk9oFoW+',
      'hmVRN4ZIFpVKFOc6Ngq5dMaYt+pYitrQJ70wwajw82w1BC16C5a8QUIqqchwXp0T5SUohqNlxZ9qZPRcT45Q0YhC8KBqm3b3Z1ZMo06iq0xwRDoh',
      'FF/Jwwhp3fBytSIapjdFoKgVxHhD9Y820XrPMmsYSaZC5vwdOeWs9GCYWiD8RM2Etns0hLHCEI+ojqKZ9DbWo3FGMlfqOBKlzlDiSmHGWMvnr2p3',
      'eqpXQZAqkPCiahnaVH9iXTWgSGMVK05ch4wSJTmGuXX+UQPTJj0zIahQ55HVEzS7D2FNNDwkU+WGc9YpovylKYZMK4w3q/noeu+O8OhQwXhWk2kw',
      'vZwl13iQQiogHF/HhCJSomHQtYT4mNqLvntgBEehCme8iLqONtcP69QIkxwVn/POnfIqVTBKWiO8vBZDQzR6JgJEbQUonlBtRTvpyVj3UjTkSPfO',
      'K+fcS+6AKfdeycy4VxqAyagRjCAISjxZsSSpDAeQL4wB8BkDEEfsw2Mh2tQv4GvPfUsf3BF8Y2dkohydLX2fhk0oDSYCzPOb1ocIcco3PtEvE3io',
      '4PjoGJJvOP+VbOJx/fj2CRqV17DX3Mtrcnsx3afvlBkcB4QccErASAnIbpkqakqpBuIkJ4g=',
    ].join(''),
    'base64',
  ),
);

const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255];
const block = (type: number, size: number, last: boolean): number[] => u32((size << 3) | (type << 1) | (last ? 1 : 0)).slice(0, 3);

/** A frame of one raw block; any decoder takes it, and no encoder is needed. */
export function rawFrame(content: Uint8Array, options: { checksum?: boolean; sizeSaid?: number } = {}): Uint8Array {
  const checksum = options.checksum ?? true;
  const sum = checksum ? u32(Number(BigInt.asUintN(32, naiveXxh64(content)))) : [];
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0xa0 | (checksum ? 4 : 0), ...u32(options.sizeSaid ?? content.length)];
  return new Uint8Array([...header, ...block(0, content.length, true), ...content, ...sum]);
}

/** A frame of `blocks` blocks of 128 KiB zero bytes each, four bytes a block. */
export function zerosFrame(blocks: number): Uint8Array {
  const bytes = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
  for (let i = 0; i < blocks; i++) bytes.push(...block(1, 128 << 10, i === blocks - 1), 0);
  return new Uint8Array(bytes);
}

export function skippableFrame(content: Uint8Array): Uint8Array {
  return new Uint8Array([0x5a, 0x2a, 0x4d, 0x18, ...u32(content.length), ...content]);
}

/** A frame around one block as it is. */
export function frameOf(type: number, content: readonly number[], size = content.length): Uint8Array {
  return new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, ...block(type, size, true), ...content]);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
