"""The web studio: one page that takes a voice and a face and shows the results.

Gradio (extra `studio`) draws the page. The results are those of `vfgan generate`. Only `page` and `server` import
Gradio.
"""
