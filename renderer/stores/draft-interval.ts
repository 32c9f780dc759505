/** Milliseconds: what is typed may be lost at most for a second; the rest of it is the way to the disk. */
export const DRAFT_EVERY_MS = 900
