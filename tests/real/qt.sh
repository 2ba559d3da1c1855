# shellcheck shell=sh
# Qt 5 by way of Python, on an X server.
needs=Xvfb least=100000
scenario() {
	/usr/bin/python3 -c 'import PyQt5.QtWidgets' || exit 1
	export DISPLAY=:9 XDG_RUNTIME_DIR=/tmp/work QT_QPA_PLATFORM=xcb PYTHONMALLOC=malloc PYTHONHASHSEED=0
	Xvfb :9 -nolisten tcp -screen 0 800x600x24 >/dev/null 2>&1 &
	until_it test -S /tmp/.X11-unix/X9
	cat >window.py <<-'END'
		import sys
		from PyQt5 import QtCore, QtGui, QtWidgets
		app = QtWidgets.QApplication(sys.argv)
		window = QtWidgets.QMainWindow()
		text, tree, table = QtWidgets.QTextEdit(), QtWidgets.QTreeWidget(), QtWidgets.QTableWidget(200, 5)
		tabs = QtWidgets.QTabWidget()
		for name, widget in (("text", text), ("tree", tree), ("table", table)):
		    tabs.addTab(widget, name)
		window.setCentralWidget(tabs)
		window.resize(600, 400)
		window.show()
		for i in range(500):
		    text.append(f"<b>line</b> {i} \u263a")
		    item = QtWidgets.QTreeWidgetItem(tree, [f"item {i}"])
		    table.setItem(i % 200, i % 5, QtWidgets.QTableWidgetItem(str(i)))
		class Work(QtCore.QRunnable):
		    def run(self):
		        self.image = QtGui.QImage(300, 300, QtGui.QImage.Format_ARGB32)
		        self.image.fill(QtGui.QColor("red"))
		pool = QtCore.QThreadPool.globalInstance()
		steps = 0
		def step():
		    global steps
		    tabs.setCurrentIndex(steps % 3)
		    pool.start(Work())
		    app.processEvents()
		    print(steps, tabs.tabText(tabs.currentIndex()), window.grab().size().width())
		    steps += 1
		    if steps == 12:
		        pool.waitForDone()
		        app.exit(4)
		timer = QtCore.QTimer()
		timer.timeout.connect(step)
		timer.start(20)
		sys.exit(app.exec_())
	END
	record /usr/bin/python3 window.py
}
