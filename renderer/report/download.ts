/** Gives a content to the person as a file. */
export function download(content: Blob, name: string): void {
	const address = URL.createObjectURL(content)
	const link = document.createElement("a")
	link.href = address
	link.download = name
	link.click()
	// The download has its own hold of the content by then.
	setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
