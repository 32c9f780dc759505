// Draws the installers' icons from renderer/icon.svg, in a Chromium: icons/. Run it when the drawing has changed:
// node build/package/icons.ts
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Browser, chromium as browsers } from "@playwright/test"
import { chromium } from "../chromium.mjs"

const folder = join(import.meta.dirname, "icons")
const svg = readFileSync(join(import.meta.dirname, "../../renderer/icon.svg"), "utf8")

/** Linux: one file a size. */
const FILES = [16, 24, 32, 48, 64, 128, 256, 512]
const ICO = [16, 24, 32, 48, 64, 256]
/** Kinds of Apple's format that hold a PNG, and its size. */
const ICNS = {
	icp4: 16,
	icp5: 32,
	ic11: 32,
	ic12: 64,
	ic07: 128,
	ic13: 256,
	ic08: 256,
	ic14: 512,
	ic09: 512,
	ic10: 1024,
}
/** What an icon fills of its square on macOS. */
const MAC_SHARE = 824 / 1024

async function draw(browser: Browser, size: number, share = 1): Promise<Buffer> {
	const page = await browser.newPage({ viewport: { width: size, height: size } })
	const side = size * share
	const style = `<style>body{margin:${(size - side) / 2}px}svg{display:block;width:${side}px;height:${side}px}</style>`
	await page.setContent(style + svg)
	const png = await page.screenshot({ omitBackground: true })
	await page.close()
	return png
}

/** A table of pictures, then the pictures; 0 stands for 256. */
function makeIco(pictures: { size: number; png: Buffer }[]): Buffer {
	const head = Buffer.alloc(6 + 16 * pictures.length)
	head.writeUInt16LE(1, 2)
	head.writeUInt16LE(pictures.length, 4)
	let offset = head.length
	pictures.forEach(({ size, png }, index) => {
		const at = 6 + 16 * index
		head.writeUInt8(size % 256, at)
		head.writeUInt8(size % 256, at + 1)
		head.writeUInt16LE(1, at + 4)
		head.writeUInt16LE(32, at + 6)
		head.writeUInt32LE(png.length, at + 8)
		head.writeUInt32LE(offset, at + 12)
		offset += png.length
	})
	return Buffer.concat([head, ...pictures.map(({ png }) => png)])
}

function makeIcns(pictures: { kind: string; png: Buffer }[]): Buffer {
	const chunks = pictures.map(({ kind, png }) => makeChunk(kind, png))
	return makeChunk("icns", Buffer.concat(chunks))
}

function makeChunk(kind: string, content: Buffer): Buffer {
	const head = Buffer.alloc(8)
	head.write(kind, "latin1")
	head.writeUInt32BE(content.length + 8, 4)
	return Buffer.concat([head, content])
}

if (!chromium) throw new Error("cannot draw icons: no Chromium here; install one, or name it in CHROMIUM")
const browser = await browsers.launch({ executablePath: chromium, args: ["--no-sandbox"] })
mkdirSync(folder, { recursive: true })
for (const size of FILES) writeFileSync(join(folder, `${size}x${size}.png`), await draw(browser, size))
const ico = []
for (const size of ICO) ico.push({ size, png: await draw(browser, size) })
writeFileSync(join(folder, "icon.ico"), makeIco(ico))
const icns = []
for (const [kind, size] of Object.entries(ICNS)) icns.push({ kind, png: await draw(browser, size, MAC_SHARE) })
writeFileSync(join(folder, "icon.icns"), makeIcns(icns))
await browser.close()
