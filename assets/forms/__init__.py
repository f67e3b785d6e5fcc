"""The annual report's forms 1 to 13 as a workbook in the official layout.

Belongs here: the layouts (`forms.yaml`, `layout`), the figures that the published marts hold
(`figures`), a form as a grid of cells (`grid`), and the workbook (`workbook`). Does not belong
here: any number that the marts do not hold; figures are only added up.
"""
