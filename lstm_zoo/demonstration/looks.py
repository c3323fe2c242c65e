"""Colours and sizes of the page: the system's fonts, dark mode, and nothing that is wider than a phone."""

import gradio as gr

THEME = gr.themes.Default(
    primary_hue="violet", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
).set(  # as dark as text on white has to be
    body_text_color_subdued="*neutral_600",
    block_label_text_color="*neutral_700",
    block_title_text_color="*neutral_700",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    color_accent="*primary_600",
)
CSS = """
.gradio-container { --neutral-400: #6b6b76 }
.dark .gradio-container { --color-accent: var(--primary-400); --neutral-400: #a1a1aa }
.answers .text, .answers .answer { white-space: pre-wrap; overflow-wrap: anywhere }
.answers .answer { font-size: 1.3rem; font-weight: 600 }
.answers .error { border-left: 4px solid #b91c1c; padding: 0.5rem 1rem }
.answers .warning { border-left: 4px solid #b45309; padding: 0.5rem 1rem }
.answers .words { background: white; line-height: 2; padding: 0.5rem; overflow-wrap: anywhere }
.answers .words span { color: black; padding: 0.15rem; border-radius: 3px }
.answers .wide { overflow-x: auto; margin: 1rem 0 }
.answers img { max-width: 100%; background: white }
.answers .wide img { max-width: none; max-height: 20rem }
.answers :is(td, th) { white-space: nowrap; padding: 0.3rem 0.6rem }
.answers td { text-align: right }
.answers caption { text-align: left; font-weight: 600 }
.answers iframe { width: 100%; height: 85vh; border: 1px solid #888; background: white }
"""
