import {
	Button,
	Checkbox,
	createTheme,
	Drawer,
	type MantineColorsTuple,
	Menu,
	Modal,
	Notification,
	NumberInput,
	PasswordInput,
	Popover,
	SegmentedControl,
	Select,
	Switch,
	Table,
	Tabs,
	TagsInput,
	Textarea,
	TextInput,
	Tooltip,
} from "@mantine/core"

/** The one accent; outcome colours are in `tokens.css`. */
const accent: MantineColorsTuple = [
	"#eff2fe",
	"#dfe5fc",
	"#bcc8f7",
	"#98aaf2",
	"#7a90ec",
	"#667fe8",
	"#5069de",
	"#405ad0",
	"#364dba",
	"#2b409e",
]

const dark: MantineColorsTuple = [
	"#dde2ea",
	"#bcc4d0",
	"#9aa4b3",
	"#6f7989",
	"#38404d",
	"#2c333f",
	"#1f252e",
	"#171c23",
	"#12161c",
	"#0e1116",
]

const gray: MantineColorsTuple = [
	"#f7f8fa",
	"#f0f2f5",
	"#e5e8ed",
	"#d9dde4",
	"#c6ccd6",
	"#a3abb8",
	"#7b8494",
	"#5a6372",
	"#3a414d",
	"#1c2129",
]

const small = { defaultProps: { size: "xs" } }
const closeButtonProps = { "aria-label": "Close" }
// Scroll locks write style tags, which the content security policy forbids; the page itself never scrolls.
const overlay = {
	lockScroll: false,
	transitionProps: { duration: 120 },
	overlayProps: { backgroundOpacity: 0.4 },
	closeButtonProps,
}

export const theme = createTheme({
	primaryColor: "accent",
	primaryShade: { light: 7, dark: 7 },
	colors: { accent, dark, gray },
	white: "#ffffff",
	black: "#1c2129",
	fontFamily: "'Inter Variable', system-ui, sans-serif",
	fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
	fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
	lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
	spacing: { xs: "0.375rem", sm: "0.5rem", md: "0.75rem", lg: "1rem", xl: "1.5rem" },
	radius: { xs: "3px", sm: "4px", md: "6px", lg: "10px", xl: "32px" },
	defaultRadius: "sm",
	headings: {
		fontFamily: "'Inter Variable', system-ui, sans-serif",
		fontWeight: "620",
		sizes: {
			h1: { fontSize: "1.125rem", lineHeight: "1.4" },
			h2: { fontSize: "0.9375rem", lineHeight: "1.45" },
			h3: { fontSize: "0.8125rem", lineHeight: "1.45" },
		},
	},
	respectReducedMotion: true,
	cursorType: "pointer",
	components: {
		Button: Button.extend({ defaultProps: { size: "xs" } }),
		TextInput: TextInput.extend(small),
		NumberInput: NumberInput.extend(small),
		PasswordInput: PasswordInput.extend(small),
		Textarea: Textarea.extend(small),
		TagsInput: TagsInput.extend(small),
		Select: Select.extend({ defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 0 } } } }),
		Checkbox: Checkbox.extend(small),
		Switch: Switch.extend(small),
		SegmentedControl: SegmentedControl.extend(small),
		Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: "md" } }),
		Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
		Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: true, fz: "xs" } }),
		Notification: Notification.extend({ defaultProps: { closeButtonProps } }),
		Menu: Menu.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 0 } } }),
		Popover: Popover.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 0 } } }),
		Modal: Modal.extend({ defaultProps: { ...overlay, centered: true, radius: "md", padding: "lg" } }),
		Drawer: Drawer.extend({ defaultProps: { ...overlay, position: "right", padding: "lg", size: 440 } }),
	},
})
