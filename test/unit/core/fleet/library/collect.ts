import type { SourceResult } from "../../../../../core/schema/library.ts"

export async function collect(progress: AsyncIterable<{ results: SourceResult[] }>): Promise<SourceResult[]> {
	const all: SourceResult[] = []
	for await (const { results } of progress) all.push(...results)
	return all
}
