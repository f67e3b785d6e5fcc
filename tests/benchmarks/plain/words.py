"""What the offices call things: headings and the words for classes, as the files spell them."""

from __future__ import annotations

CAUSES = {
    "Không có đất sản xuất": "cause_land",
    "Không có vốn sản xuất kinh doanh": "cause_capital",
    "Không có lao động": "cause_labour",
    "Không có công cụ, phương tiện sản xuất": "cause_tools",
    "Không có kiến thức về sản xuất": "cause_knowledge",
    "Không có kỹ năng lao động": "cause_skill",
    "Có người ốm đau, bệnh nặng, tai nạn": "cause_illness",
    "Nguyên nhân khác": "cause_other",
}
DEPRIVATIONS = {
    "VN-2016": {
        "Trình độ giáo dục người lớn": "dep_adult_edu",
        "Tình trạng đi học của trẻ em": "dep_child_school",
        "Tiếp cận dịch vụ y tế": "dep_health_access",
        "Bảo hiểm y tế": "dep_health_ins",
        "Chất lượng nhà ở": "dep_house_quality",
        "Diện tích nhà ở": "dep_house_area",
        "Nguồn nước sinh hoạt": "dep_water",
        "Hố xí": "dep_toilet",
        "Sử dụng dịch vụ viễn thông": "dep_telecom",
        "Tài sản phục vụ tiếp cận thông tin": "dep_info_asset",
    },
    "VN-2022": {
        "Việc làm": "dep_employment",
        "Người phụ thuộc": "dep_dependents",
        "Dinh dưỡng": "dep_nutrition",
        "Bảo hiểm y tế": "dep_health_insurance",
        "Trình độ giáo dục của người lớn": "dep_adult_education",
        "Tình trạng đi học của trẻ em": "dep_child_schooling",
        "Chất lượng nhà ở": "dep_housing_quality",
        "Diện tích nhà ở bình quân đầu người": "dep_housing_area",
        "Nguồn nước sinh hoạt": "dep_water",
        "Nhà tiêu hợp vệ sinh": "dep_toilet",
        "Sử dụng dịch vụ viễn thông": "dep_telecom",
        "Phương tiện phục vụ tiếp cận thông tin": "dep_info_means",
    },
}
# Of the standards to come: no file has them yet, the models name them.
LATER_DEPRIVATIONS = ("dep_water_source", "dep_hygienic_toilet", "dep_digital_use", "dep_waste_treatment")
HOUSEHOLD = {
    "Thời gian rà soát": "review_date",
    "Mã xã": "commune_code",
    "Thôn/xóm/tổ": "village",
    "Mã hộ": "household_code",
    "CCCD chủ hộ": "head_citizen_id_pseudonym",
    "Năm sinh": "head_birth_year",
    "Giới tính": "head_sex",
    "Dân tộc": "ethnicity",
    "Số nhân khẩu": "household_size",
    "Điểm B1": "b1_points",
    "Điểm B2": "b2_points",
    "Thu nhập bình quân": "income_per_capita",
    "Phân loại": "declared_class",
    "Phân loại đầu kỳ": "class_begin",
    "Biến động": "change_type",
    "Không có khả năng lao động": "no_labour_capacity",
    "Người có công": "has_merit_member",
    **CAUSES,
}
MEMBER = {
    "Mã xã": "commune_code",
    "Thôn": "village",
    "Mã hộ": "household_code",
    "STT thành viên": "member_order",
    "Ngày sinh": "birth_date",
    "Nam": "birth_year_male",
    "Nữ": "birth_year_female",
    "Giới tính": "sex",
    "Dân tộc": "ethnicity",
    "Số CCCD/CMND": "citizen_id_pseudonym",
    "Mã số BHXH": "insurance_number_pseudonym",
    "Trình độ học vấn / Đang đi học": "schooling",
    "Hợp đồng lao động": "job_contract",
    "Trợ cấp xã hội hằng tháng": "social_assistance",
    "Khuyết tật": "disability",
    "Cân nặng theo tuổi": "weight_for_age",
    "Chiều cao theo tuổi": "height_for_age",
}
MEMBER_ANSWERS = ("job_contract", "social_assistance", "disability")
# What the models read and no list of these offices sends: texts, yes or no, numbers.
UNSENT_OF_MEMBERS = {
    "work_status": "string", "is_attending_school": "boolean", "has_health_insurance": "boolean",
    "uses_internet": "boolean",
}  # fmt: skip
UNSENT_OF_HOUSEHOLDS = {
    "wall_material": "string", "frame_material": "string", "roof_material": "string", "floor_area": "Float64",
    "water_supply": "string", "latrine_type": "string", "has_internet_user": "boolean",
    "has_shared_means": "boolean", "has_personal_means": "boolean",
}  # fmt: skip
TOTAL = {
    "Mã xã": "commune_code",
    "Tổng số hộ": "households_total",
    "Tổng số nhân khẩu": "persons_total",
    "Số hộ DTTS": "households_ethnic_minority",
    "Số hộ nghèo": "announced_poor",
    "Số hộ cận nghèo": "announced_near_poor",
    "Chuẩn": "announced_standard",
}
HOUSING = {
    "Mã hồ sơ": "case_id",
    "Mã xã": "commune_code",
    "Mã hộ": "household_code",
    "CCCD": "head_citizen_id_pseudonym",
    "Đối tượng": "beneficiary_group",
    "Hình thức": "work_type",
    "Số quyết định": "decision_number",
    "Ngày quyết định": "decision_date",
    "Kinh phí phê duyệt": "approved_amount",
    "Ngày khởi công": "start_date",
    "Ngày hoàn thành": "finish_date",
    "Ngày nghiệm thu": "acceptance_date",
    "Kinh phí giải ngân": "disbursed_amount",
    "Lý do rút": "withdrawn_reason",
}
PLAN = {
    "Mã xã": "commune_code",
    "Chỉ tiêu": "indicator",
    "Giá trị": "target_value",
    "Đơn vị tính": "unit",
    "Chương trình": "programme",
    "Vốn giao": "budget_allocated",
    "Vốn giải ngân": "budget_disbursed",
    "Ngày số liệu": "as_of_date",
    "Cơ quan chủ trì": "responsible_department",
    "Thời hạn": "deadline",
}
SEXES = {"Nam": "male", "Nữ": "female"}
YES = frozenset(("x", "X", "Có", 1.0))
NO = frozenset(("Không", 0.0))
SCHOOLING = {
    "Chưa đi học": "none", "Mầm non": "preschool", "Tiểu học": "primary", "THCS": "lower_secondary",
    "THPT": "upper_secondary", "Trung cấp": "vocational", "Đại học": "university",
}  # fmt: skip
GROWTH = {"Bình thường": "normal", "Nhẹ cân": "low", "Thấp còi": "low"}
CLASSES = {
    "Hộ nghèo": "poor", "Nghèo": "poor", "HN": "poor",
    "Hộ cận nghèo": "near_poor", "Cận nghèo": "near_poor", "HCN": "near_poor",
    "Hộ không nghèo": "not_poor", "Không nghèo": "not_poor", "Hộ có mức sống trung bình": "average",
}  # fmt: skip
CHANGES = {
    "nghèo cũ": "still_poor", "nghèo mới": "new_poor", "tái nghèo": "poor_again", "thoát nghèo": "escaped",
    "thoát cận nghèo": "escaped_near_poor", "rơi xuống cận nghèo": "fell_to_near_poor", "khác": "other",
}  # fmt: skip
ETHNICITIES = {"H'Mông": "Mông", "Hmông": "Mông", "Cao Lan": "Sán Chay", "Sán Chỉ": "Sán Chay"}
STANDARDS = {"2016-2020": "VN-2016", "2022-2025": "VN-2022"}
HELPED = {"Hộ nghèo": "poor", "Hộ cận nghèo": "near_poor", "Khác": "other"}
WORKS = {"Xây mới": "new_build", "Sửa chữa": "repair"}
PROGRAMMES = {
    "Hộ nghèo": "HN", "Hộ nghèo 30a": "HN30A", "Hộ cận nghèo": "CN", "Hộ mới thoát nghèo": "MTN",
    "Giải quyết việc làm": "GQVL", "Giải quyết việc làm 2026": "GQVL26",
    "Nước sạch và vệ sinh môi trường": "NSVSMT", "Sản xuất kinh doanh vùng khó khăn": "SXKD_VKK",
    "Nhà ở hộ nghèo": "NHA33", "Nhà ở theo Nghị định 28": "D28_NHAO", "Đất ở theo Nghị định 28": "D28_DATO",
    "Đất sản xuất theo Nghị định 28": "D28_DATSX", "Chuyển đổi nghề theo Nghị định 28": "D28_NGHE",
    "Học sinh sinh viên": "HSSV", "Nhà ở xã hội": "NOXH", "Xuất khẩu lao động": "XKLD",
}  # fmt: skip
STATUSES = {
    "trong hạn": "current", "gia hạn": "extended", "quá hạn": "overdue", "khoanh": "frozen",
    "xóa nợ": "written_off", "tất toán": "closed",
}  # fmt: skip
BORROWERS = {
    "Hộ nghèo": "poor", "Hộ cận nghèo": "near_poor", "Hộ mới thoát nghèo": "newly_escaped", "Khác": "other",
}  # fmt: skip
