/** What a heading is called in an address, as the usual viewers of markdown call it. */
export function sectionOf(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, "")
		.replaceAll(" ", "-")
}
