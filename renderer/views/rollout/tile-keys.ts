/** Where a tile lies, as far as the arrows need it. */
interface Placed {
	offsetTop: number
	offsetLeft: number
}

/** The tile that a key leads to from the one at this position; undefined where it leads nowhere. */
export function neighbourOf(key: string, at: number, tiles: readonly Placed[]): number | undefined {
	const here = tiles[at]
	if (!here) return undefined
	switch (key) {
		case "ArrowRight":
			return at + 1 < tiles.length ? at + 1 : undefined
		case "ArrowLeft":
			return at > 0 ? at - 1 : undefined
		case "Home":
			return 0
		case "End":
			return tiles.length - 1
		case "ArrowDown":
			return nearest(here, tiles, (top) => top > here.offsetTop, "first")
		case "ArrowUp":
			return nearest(here, tiles, (top) => top < here.offsetTop, "last")
		default:
			return undefined
	}
}

/** In the next row, the tile that lies closest above or below. */
function nearest(
	here: Placed,
	tiles: readonly Placed[],
	isMeant: (top: number) => boolean,
	row: "first" | "last",
): number | undefined {
	const find = row === "first" ? tiles.find.bind(tiles) : tiles.findLast.bind(tiles)
	const top = find((tile) => isMeant(tile.offsetTop))?.offsetTop
	let best: number | undefined
	for (const [index, tile] of tiles.entries()) {
		if (tile.offsetTop !== top) continue
		const isCloser =
			best === undefined ||
			Math.abs(tile.offsetLeft - here.offsetLeft) < Math.abs((tiles[best]?.offsetLeft ?? 0) - here.offsetLeft)
		if (isCloser) best = index
	}
	return best
}
