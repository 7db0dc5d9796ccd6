"""The page on which people judge: real and generated faces, blinded, and what is made of the answers.

`items` reads what is judged, `alike` makes it indistinguishable, `answers` keeps the answers, `rating` knows who is
where, `page` serves it. `truth` joins answers with the truth, for the report alone.
"""
