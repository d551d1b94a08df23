"""Underpayments: projects, one project with its letter and list, and every compared line behind a number."""

from django.urls import path

from cleanclaim_server.web.views.underpaid import acts, lines, projects

urlpatterns = [
    path("underpayments", projects.underpayments, name="underpayments"),
    path("underpayments/lines", lines.compared, name="compared_lines"),
    path("underpayments/<uuid:project_id>", projects.project, name="project"),
    path("underpayments/<uuid:project_id>/letter.pdf", projects.letter, name="project_letter"),
    path("underpayments/<uuid:project_id>/list.csv", projects.listed, name="project_list"),
    path("underpayments/<uuid:project_id>/list.xlsx", projects.workbook, name="project_workbook"),
    path("underpayments/<uuid:project_id>/ask", acts.ask, name="ask_for_project"),
    path("underpayments/<uuid:project_id>/give-up", acts.give_up_project, name="give_up_project"),
    path(
        "underpayments/<uuid:project_id>/lines/<uuid:short_id>/leave-out",
        acts.leave_line_out,
        name="leave_line_out",
    ),
]
