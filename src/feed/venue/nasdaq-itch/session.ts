/** What stands for a locate beside the number of a followed stock. */
export const LOCATE = { UNBOUND: -1, OTHER: -2 } as const;
/** Locates of a session: 16 bits. */
export const LOCATES = 65_536;

/** How much of a session was seen: from its first message, or from a later one on. */
export const ORIGIN = { UNKNOWN: 0, COMPLETE: 1, LATE: 2 } as const;
