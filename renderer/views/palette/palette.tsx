import { Combobox, Modal, TextInput, useCombobox, VisuallyHidden } from "@mantine/core"
import { IconCommand, IconPackage, IconPlayerPlay, IconSearch, IconServer2 } from "@tabler/icons-react"
import { useEffect, useMemo, useState } from "react"
import { create } from "zustand"
import { count } from "../../components/format.ts"
import { useDesktop, useWorkspace } from "../../stores/context.ts"
import { isCommandKey, shortcuts } from "../shell/shortcut-list.ts"
import { Keys } from "../shell/shortcuts.tsx"
import { type Entry, entriesOf, findEntries } from "./entries.ts"
import classes from "./palette.module.css"
import { useDo } from "./use-do.ts"

/** `from`: what had the focus, which gets it back. */
const store = create<{ open: boolean; from?: HTMLElement }>(() => ({ open: false }))
export const openPalette = () => {
	const { activeElement: from } = document
	store.setState({ open: true, ...(from instanceof HTMLElement && { from }) })
}
const close = () => store.setState({ open: false })

const NAME = "Commands"
const icons = { Runs: IconPlayerPlay, Modules: IconPackage, Appliances: IconServer2, Commands: IconCommand }

/** Finds whatever there is and does it, without a mouse. */
export function Palette() {
	const { open, from } = store()
	const act = useDo()
	useEffect(() => {
		if (!open) from?.focus()
	}, [open, from])
	useEffect(() => {
		const press = (event: KeyboardEvent) => {
			if (!isCommandKey(event) || event.shiftKey || event.key.toLowerCase() !== "k") return
			event.preventDefault()
			// Nothing comes over a question or another dialog; its own may still be on its way out.
			if (store.getState().open) close()
			else if (!document.querySelector(`[role=dialog]:not([aria-label="${NAME}"])`)) openPalette()
		}
		window.addEventListener("keydown", press, { capture: true })
		return () => window.removeEventListener("keydown", press, { capture: true })
	}, [])
	return (
		<Modal.Root
			opened={open}
			onClose={close}
			yOffset="10vh"
			size={620}
			padding={0}
			lockScroll={false}
			// Who knows the keys types at once: the field has the focus before the next key comes.
			transitionProps={{ duration: 0 }}
			returnFocus={false}
		>
			<Modal.Overlay backgroundOpacity={0.4} />
			<Modal.Content aria-label={NAME}>
				<Modal.Body>
					<Finder act={act} />
				</Modal.Body>
			</Modal.Content>
		</Modal.Root>
	)
}

function Finder({ act }: { act: ReturnType<typeof useDo> }) {
	const [typed, setTyped] = useState("")
	const state = useDesktop((desktop) => desktop.state)
	const canPlan = useWorkspace(({ opened }) => opened !== undefined)
	const all = useMemo(() => (state ? entriesOf(state, { canPlan }) : []), [state, canPlan])
	const found = useMemo(() => findEntries(all, typed), [all, typed])
	const combobox = useCombobox({ opened: true, onDropdownClose: close })
	// biome-ignore lint/correctness/useExhaustiveDependencies: what was typed decides what is first
	useEffect(() => {
		combobox.selectFirstOption()
	}, [typed])
	const choose = (id: string) => {
		const entry = found.find((one) => one.id === id)
		close()
		// Once the focus is back where it was, so that an action may move it.
		if (entry) setTimeout(() => act(entry.does))
	}
	return (
		<Combobox store={combobox} onOptionSubmit={choose}>
			<Combobox.EventsTarget withExpandedAttribute>
				<TextInput
					data-autofocus
					autoFocus
					size="md"
					classNames={{ input: classes.input as string }}
					role="combobox"
					aria-label="Find a command, a module, an appliance or a run"
					placeholder="Find a command, a module, an appliance or a run"
					leftSection={<IconSearch size={16} aria-hidden />}
					value={typed}
					onChange={(event) => setTyped(event.currentTarget.value)}
				/>
			</Combobox.EventsTarget>
			<Combobox.Options className={classes.list} aria-label="What fits" tabIndex={0}>
				{found.map((entry, index) => (
					<Option key={entry.id} entry={entry} first={found[index - 1]?.group !== entry.group} />
				))}
			</Combobox.Options>
			{found.length === 0 && <p className={classes.none}>Nothing fits. Fewer letters find more.</p>}
			<VisuallyHidden role="status" aria-live="polite">
				{typed.trim() === "" ? "" : found.length === 0 ? "Nothing fits" : count(found.length, "result")}
			</VisuallyHidden>
		</Combobox>
	)
}

function Option({ entry, first }: { entry: Entry; first: boolean }) {
	const Icon = icons[entry.group]
	return (
		<Combobox.Option value={entry.id} className={classes.option} data-first={first || undefined}>
			<Icon size={16} stroke={1.6} className={classes.icon} aria-hidden />
			<span className={classes.title}>{entry.title}</span>
			<span className={classes.note}>{entry.note}</span>
			<span className={classes.group}>
				{entry.shortcut && <Keys keys={shortcuts[entry.shortcut].keys} />}
				{entry.group !== "Commands" && entry.group}
			</span>
		</Combobox.Option>
	)
}
