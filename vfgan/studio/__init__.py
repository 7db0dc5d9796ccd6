"""The web studio: one page on which a person gives a voice and a face and sees what vfgan makes of them.

Gradio (extra `studio`) draws the page; what is generated is what `vfgan generate` makes. Only `page` and `server` know
Gradio.
"""
