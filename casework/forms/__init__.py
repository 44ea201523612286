"""Forms: what is asked, declared once. The dialog, the page and the printed form are made from the same words."""
