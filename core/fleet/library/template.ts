/** What git shall never do to a module's files: change their line ends. An appliance gets the very bytes. */
export const ATTRIBUTES = "* -text\n"

/** A new module is whole from the first moment: one harmless pool that could be published and run as it stands. */
export function makeTemplate(name: string, description: string): { index: string; sources: Map<string, string> } {
	const destination = `/usr/local/share/${name}/example.txt`
	const index = {
		metadata: { schema_version: "1.0.0", description },
		pools: [
			{
				id: "first-pool",
				description: "An example: put your own file, its destination and the commands that prove it in its place",
				operations: [{ target: "src/example.txt", destination }],
				closure: [`test -s ${destination}`],
			},
		],
		finalClosure: [],
	}
	const text = `Put the corrected file here and remove this one.\n`
	return { index: `${JSON.stringify(index, null, 2)}\n`, sources: new Map([["src/example.txt", text]]) }
}
