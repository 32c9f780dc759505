/** A control may come with its view: so long it is waited for, milliseconds. */
const WAIT_MS = 3000
const LOOK_MS = 50

/** Brings a control before a person's eyes and gives it the focus, as soon as it is there. */
export function showControl(selector: string, since = performance.now()): void {
	const control = document.querySelector<HTMLElement>(selector)
	if (control) {
		control.scrollIntoView({ block: "nearest" })
		control.focus()
	} else if (performance.now() - since < WAIT_MS) {
		setTimeout(() => showControl(selector, since), LOOK_MS)
	}
}
