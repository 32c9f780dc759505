/** First bytes, as Latin-1, of what is often found on an appliance; the first that fits counts. `at`: offset in bytes. */
const types: { type: string; bytes: string; at?: number }[] = [
	{ type: "PNG image", bytes: "\x89PNG\r\n\x1a\n" },
	{ type: "JPEG image", bytes: "\xff\xd8\xff" },
	{ type: "GIF image", bytes: "GIF8" },
	{ type: "WebP image", bytes: "WEBP", at: 8 },
	{ type: "icon", bytes: "\0\0\x01\0" },
	{ type: "PDF document", bytes: "%PDF-" },
	{ type: "WOFF2 font", bytes: "wOF2" },
	{ type: "WOFF font", bytes: "wOFF" },
	{ type: "TrueType font", bytes: "\0\x01\0\0" },
	{ type: "OpenType font", bytes: "OTTO" },
	{ type: "ELF program or library", bytes: "\x7fELF" },
	{ type: "Windows program", bytes: "MZ" },
	{ type: "Java class", bytes: "\xca\xfe\xba\xbe" },
	{ type: "WebAssembly", bytes: "\0asm" },
	{ type: "Debian package", bytes: "!<arch>\ndebian" },
	{ type: "library archive (ar)", bytes: "!<arch>\n" },
	{ type: "RPM package", bytes: "\xed\xab\xee\xdb" },
	{ type: "ZIP archive", bytes: "PK\x03\x04" },
	{ type: "ZIP archive", bytes: "PK\x05\x06" },
	{ type: "gzip archive", bytes: "\x1f\x8b" },
	{ type: "bzip2 archive", bytes: "BZh" },
	{ type: "xz archive", bytes: "\xfd7zXZ\0" },
	{ type: "Zstandard archive", bytes: "\x28\xb5\x2f\xfd" },
	{ type: "7-Zip archive", bytes: "7z\xbc\xaf\x27\x1c" },
	{ type: "tar archive", bytes: "ustar", at: 257 },
	{ type: "SquashFS image", bytes: "hsqs" },
	{ type: "SQLite database", bytes: "SQLite format 3\0" },
	{ type: "GnuPG key ring", bytes: "\x99\x01" },
	{ type: "UTF-16 text", bytes: "\xff\xfe" },
	{ type: "UTF-16 text", bytes: "\xfe\xff" },
]

/** What kind of file begins like this; undefined where the table does not know it. */
export function magicType(head: Uint8Array): string | undefined {
	const begins = ({ bytes, at = 0 }: (typeof types)[number]) =>
		head.length >= at + bytes.length && [...bytes].every((byte, index) => head[at + index] === byte.charCodeAt(0))
	return types.find(begins)?.type ?? (isOldText(head) ? "text in another encoding than UTF-8" : undefined)
}

/** Letters beyond ASCII in an encoding of old, and no control characters. */
function isOldText(head: Uint8Array): boolean {
	return head.length > 0 && head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)
}
