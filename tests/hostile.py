"""What somebody could write into a cell of their file to make a page do something."""

TAGS = (
    "<script>window.__hostile = 1; alert(1)</script>",
    "<img src=x onerror='window.__hostile = 2; alert(2)'>",
    "</SCRIPT ><script>window.__hostile = 3; alert(3)</script>",
    "<!-- <script>window.__hostile = 4; alert(4)",
    "\" autofocus tabindex=0 onfocus='window.__hostile = 5; alert(5)' x=\"",
    "</td></table><svg onload='window.__hostile = 6; alert(6)'>",
)
HOSTILE = "".join(TAGS)
