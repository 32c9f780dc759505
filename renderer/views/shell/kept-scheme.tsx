import { useMantineColorScheme } from "@mantine/core"
import { useEffect } from "react"
import { useKept } from "../../stores/context.ts"

/** Shows the page in the colours that were chosen; after the system where nobody chose. */
export function KeptScheme() {
	// Transitions stay: switching them off for a moment would need a style tag.
	const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
	const { colorScheme } = useKept()
	useEffect(() => {
		if (colorScheme) setColorScheme(colorScheme)
	}, [colorScheme, setColorScheme])
	return null
}
