/**
 * Seeded pseudo-random numbers: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state, period about 2^127 on average.
 * The only source of randomness in the project; the same seed gives the same numbers on every platform.
 */
export class Prng {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /** `seed`: any integer; `stream` separates independent sequences drawn from one seed. */
  constructor(seed: number, stream = 0) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 4294967296) | 0;
    this.c = stream | 0;
    for (let i = 0; i < 15; i++) this.nextU32();
  }

  /** Uniform in 0 .. 2^32 - 1. */
  nextU32(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  nextFloat(): number {
    return this.nextU32() / 4294967296;
  }

  /** Uniform integer in 0 .. bound - 1; `bound` up to 2^32. Bias is below bound / 2^32. */
  nextInt(bound: number): number {
    return Math.floor((this.nextU32() / 4294967296) * bound);
  }

  /** Exponential with mean 1. */
  nextExp(): number {
    return -Math.log(1 - this.nextFloat());
  }

  /** Standard normal (Box and Muller 1958). */
  nextNormal(): number {
    const radius = Math.sqrt(2 * this.nextExp());
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }

  /** An independent generator derived from this one's state; drawing from it does not advance this one again. */
  fork(stream: number): Prng {
    return new Prng(this.nextU32(), stream);
  }
}
