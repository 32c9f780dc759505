import type { Plugin } from "vite"

export function noteBundledOf(part: string): Plugin
