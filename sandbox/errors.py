"""Graph's error answers."""

from sandbox.models import JSON


class GraphError(Exception):
    def __init__(
        self,
        message: str,
        *,
        code: int,
        subcode: int = 0,
        status: int = 400,
        kind: str = "OAuthException",
        is_transient: bool = False,
        user_title: str = "",
        user_message: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: JSON = {"message": message, "type": kind, "code": code}
        if subcode:
            self.body["error_subcode"] = subcode
        if is_transient:
            self.body["is_transient"] = True
        if user_title:
            self.body |= {"error_user_title": user_title, "error_user_msg": user_message}


def invalid(message: str, *, subcode: int = 0) -> GraphError:
    return GraphError(f"(#100) {message}", code=100, subcode=subcode)


def missing_object(method: str, node_id: str) -> GraphError:
    return GraphError(
        f"Unsupported {method.lower()} request. Object with ID '{node_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation",
        code=100,
        subcode=33,
        kind="GraphMethodException",
    )


def missing_permission(message: str, *, code: int = 200) -> GraphError:
    return GraphError(f"(#{code}) {message}", code=code, status=403)


def bad_token(message: str, *, subcode: int) -> GraphError:
    return GraphError(f"Error validating access token: {message}", code=190, subcode=subcode, status=401)


def deprecated(path: str) -> GraphError:
    return GraphError(f"(#12) {path} is deprecated: the Order Management API has been removed.", code=12)
