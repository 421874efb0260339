/** The four words of an order id as the venue writes them: a UUID, `8-4-4-4-12` lower-case hexadecimal digits. */
export function orderIdText(words: Int32Array): string {
  const digits = [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
