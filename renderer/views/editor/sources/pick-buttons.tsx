import { Button } from "@mantine/core"
import { IconFilePlus, IconFolderPlus } from "@tabler/icons-react"
import { useEffect, useRef } from "react"
import { collectPicked } from "./collect-files.ts"
import { offerFiles } from "./offered-files.ts"

/** Files or a folder from this machine, by the browser's own dialog. */
export function PickButtons({ pool }: { pool?: number }) {
	const files = useRef<HTMLInputElement>(null)
	const folder = useRef<HTMLInputElement>(null)
	// No attribute that React knows.
	useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), [])
	const take = (input: HTMLInputElement) => {
		offerFiles(collectPicked(input.files ?? []), pool)
		// The same file can be picked again.
		input.value = ""
	}
	return (
		<>
			<Button
				size="compact-xs"
				variant="default"
				leftSection={<IconFilePlus size={13} />}
				onClick={() => files.current?.click()}
			>
				Add files
			</Button>
			<Button
				size="compact-xs"
				variant="default"
				leftSection={<IconFolderPlus size={13} />}
				onClick={() => folder.current?.click()}
			>
				Add a folder
			</Button>
			<input ref={files} type="file" multiple hidden onChange={(event) => take(event.currentTarget)} />
			<input ref={folder} type="file" hidden onChange={(event) => take(event.currentTarget)} />
		</>
	)
}
