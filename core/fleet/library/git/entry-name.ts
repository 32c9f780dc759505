/** Nothing to HFS+. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/**
 * Why a file or folder of this name cannot be kept in a repository; undefined where it can. On one system or another it would
 * be a path (`\`), the folder itself or the one above (Windows drops dots and spaces at the end), or git's own folder, also by a
 * stream or short name. isomorphic-git reads none of these either.
 */
export function findBadName(name: string): "name" | "git-folder" | undefined {
	const seen = name.replaceAll(IGNORED, "")
	if (name === "" || /[/\\\0\ufffd]/.test(name) || /^[. ]+(?::|$)/.test(seen)) return "name"
	return /^(?:\.git|\.?git~[1-9])[. ]*(?::|$)/i.test(seen) ? "git-folder" : undefined
}
