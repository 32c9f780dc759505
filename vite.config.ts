import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { noteBundledOf } from "./build/bundled.mjs"

export default defineConfig({
	root: "renderer",
	base: "./",
	plugins: [react(), noteBundledOf("renderer")],
	worker: { plugins: () => [noteBundledOf("worker")] },
	build: {
		outDir: "../dist/renderer",
		emptyOutDir: true,
		target: "chrome130",
		// The content security policy knows no data: addresses.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		// One page, loaded from this machine: pieces would gain nothing.
		chunkSizeWarningLimit: 1500,
	},
})
