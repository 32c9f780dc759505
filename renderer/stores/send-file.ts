import type { Api } from "../rpc/api.ts"

/** Bytes sent at once; in base64 below what `library.put` takes. */
const PIECE_BYTES = 1_000_000

/** Sends a file in pieces, since a page knows no path; answers under which name `addSources` finds it. */
export async function sendFile(api: Api, file: Blob, signal: AbortSignal): Promise<string> {
	let upload: string | undefined
	let at = 0
	try {
		do {
			signal.throwIfAborted()
			const piece = await toBase64(file.slice(at, at + PIECE_BYTES))
			const answer: { upload: string } = await api.library.put({ piece, ...(upload !== undefined && { upload }) })
			upload = answer.upload
			at += PIECE_BYTES
		} while (at < file.size)
	} catch (error) {
		if (upload !== undefined) await api.library.dropUploads({ uploads: [upload] })
		throw error
	}
	return upload
}

/** By the browser itself, which is faster than anything in the page and off its thread. */
function toBase64(piece: Blob): Promise<string> {
	return new Promise((resolve, reject) => {
		const reader = new FileReader()
		reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ""))
		reader.onerror = () => reject(reader.error)
		reader.readAsDataURL(piece)
	})
}
