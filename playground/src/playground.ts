document.title = 'r3session'
