import { Button } from "@mantine/core"
import { IconBraces } from "@tabler/icons-react"
import { Empty } from "../../components/empty.tsx"
import { goTo } from "../../stores/route.ts"
import { useDocument, useEditing } from "./context.ts"

/** In the place of the pools while the text is no JSON. */
export function NoJson() {
	const { folder } = useDocument()
	const faults = useEditing(({ checked }) => checked.findings.filter(({ severity }) => severity === "fault").length)
	return (
		<Empty
			icon={<IconBraces />}
			title="index.json is no JSON at the moment"
			actions={<Button onClick={() => goTo({ view: "module", folder, tab: "index" })}>Mend it in index.json</Button>}
		>
			The pools are shown again once its syntax is mended. Nothing is lost: the text is there as it is
			{faults > 0 && ", with each fault at its line"}.
		</Empty>
	)
}
