/** Numbers of the instructions that the compiler uses (core specification 2.0, section 5.4). */
export const TYPE = { I32: 0x7f, F32: 0x7d, V128: 0x7b } as const;
export type LocalType = keyof typeof TYPE;

/** One-byte instructions without immediates. */
export const SCALAR = {
  I32_EQZ: 0x45,
  I32_LT_S: 0x48,
  I32_LT_U: 0x49,
  I32_GT_S: 0x4a,
  I32_ADD: 0x6a,
  I32_SUB: 0x6b,
  I32_AND: 0x71,
  I32_SHL: 0x74,
  SELECT: 0x1b,
  F32_EQ: 0x5b,
  F32_ADD: 0x92,
  F32_SUB: 0x93,
  F32_DIV: 0x95,
  F32_MIN: 0x96,
  F32_MAX: 0x97,
  F32_NEAREST: 0x90,
  I32_TRUNC_F32_S: 0xa8,
} as const;

/** Scalar loads and stores. */
export const MEMORY = { I32_LOAD: 0x28, F32_LOAD: 0x2a, I32_LOAD16_S: 0x2e, I32_STORE: 0x36, F32_STORE: 0x38, I32_STORE16: 0x3b } as const;

/** Vector instructions by their number behind the 0xfd prefix. */
export const V128 = {
  LOAD: 0,
  LOAD16X4_S: 3,
  LOAD32_SPLAT: 9,
  STORE: 11,
  SHUFFLE: 13,
  I16X8_SPLAT: 0x10,
  I32X4_SPLAT: 0x11,
  F32X4_SPLAT: 0x13,
  F32X4_EXTRACT_LANE: 0x1f,
  AND: 0x4e,
  STORE16_LANE: 0x59,
  STORE32_LANE: 0x5a,
  STORE64_LANE: 0x5b,
  F32X4_DEMOTE_F64X2_ZERO: 0x5e,
  F64X2_PROMOTE_LOW_F32X4: 0x5f,
  I16X8_NARROW_I32X4_S: 0x85,
  I16X8_ADD: 0x8e,
  I16X8_SUB: 0x91,
  I16X8_MIN_S: 0x96,
  I16X8_MAX_S: 0x98,
  I32X4_SHL: 0xab,
  I32X4_ADD: 0xae,
  I32X4_SUB: 0xb1,
  I32X4_MUL: 0xb5,
  I32X4_MIN_S: 0xb6,
  I32X4_MAX_S: 0xb8,
  I32X4_DOT_I16X8_S: 0xba,
  F32X4_NEAREST: 0x6a,
  F32X4_ABS: 0xe0,
  F32X4_NEG: 0xe1,
  F32X4_SQRT: 0xe3,
  F32X4_ADD: 0xe4,
  F32X4_SUB: 0xe5,
  F32X4_MUL: 0xe6,
  F32X4_DIV: 0xe7,
  F32X4_MIN: 0xe8,
  F32X4_MAX: 0xe9,
  F32X4_PMIN: 0xea,
  F32X4_PMAX: 0xeb,
  F64X2_ADD: 0xf0,
  F64X2_MUL: 0xf2,
  F32X4_CONVERT_I32X4_S: 0xfa,
} as const;
