/** See chromium.mjs. */
export declare const chromium: string | undefined
