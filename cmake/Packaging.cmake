# SPDX-License-Identifier: Apache-2.0
# Archives of the three components: host, sdk, plugins (cpack -G TGZ).
set(CPACK_PACKAGE_VENDOR "hookhost")
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL host sdk plugins)
set(CPACK_GENERATOR TGZ)
set(CPACK_STRIP_FILES OFF)
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
include(CPack)
