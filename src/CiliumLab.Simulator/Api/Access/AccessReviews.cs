using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Answers to "may I", "may she", "who am I" and "whose token is this".</summary>
internal sealed class AccessReviews(RoleBasedAccess access, Authentication authentication)
{
    /// <summary>Whether a path is one of the reviews.</summary>
    public static bool Answers(RequestPath path) => path.Version == "v1" && path.Resource switch
    {
        "selfsubjectaccessreviews" or "selfsubjectrulesreviews" or "subjectaccessreviews" or "localsubjectaccessreviews" => path.Group == "authorization.k8s.io",
        "selfsubjectreviews" or "tokenreviews" => path.Group == "authentication.k8s.io",
        _ => false,
    };

    /// <summary>Answers a review.</summary>
    public async Task AnswerAsync(HttpContext context, RequestPath path, ApiUser user)
    {
        if (context.Request.Method != "POST" || path.Name is not null)
            throw ApiException.MethodNotAllowed();
        var review = await RequestBody.ReadObjectAsync(context).ConfigureAwait(false);
        var kind = path.Resource switch
        {
            "selfsubjectreviews" => "SelfSubjectReview",
            "tokenreviews" => "TokenReview",
            "selfsubjectrulesreviews" => "SelfSubjectRulesReview",
            "selfsubjectaccessreviews" => "SelfSubjectAccessReview",
            "subjectaccessreviews" => "SubjectAccessReview",
            _ => "LocalSubjectAccessReview",
        };
        review["status"] = path.Resource switch
        {
            "selfsubjectreviews" => new JsonObject { ["userInfo"] = Info(user) },
            "tokenreviews" => Token(review.Text("spec", "token") ?? ""),
            "selfsubjectrulesreviews" => Rules(user, review.Text("spec", "namespace") ?? ""),
            "selfsubjectaccessreviews" => Decision(kind, review, user),
            _ => Decision(kind, review, new(review.Text("spec", "user") ?? "", [.. review.Texts("spec", "groups")])),
        };
        review["kind"] = kind;
        review["apiVersion"] = $"{path.Group}/{path.Version}";
        review.Ensure("metadata")["creationTimestamp"] = null;
        await context.WriteJsonAsync(201, review).ConfigureAwait(false);
    }

    private JsonObject Decision(string kind, JsonObject review, ApiUser user)
    {
        var (resource, path) = (review.Object("spec", "resourceAttributes"), review.Object("spec", "nonResourceAttributes"));
        if (resource is null == path is null)
        {
            throw ApiException.Invalid("authorization.k8s.io", kind, "",
                FieldErrors.Of(static e => e.Invalid("spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified")));
        }
        var request = path is not null
            ? new AccessRequest(path.Text("verb") ?? "") { Path = path.Text("path") ?? "" }
            : new AccessRequest(resource.Text("verb") ?? "")
            {
                Group = resource.Text("group") ?? "",
                Resource = resource.Text("resource") ?? "",
                Subresource = resource.Text("subresource") ?? "",
                Namespace = resource.Text("namespace") ?? "",
                Name = resource.Text("name") ?? "",
            };
        var why = access.Allow(user, request);
        var status = new JsonObject { ["allowed"] = why is not null };
        if (why is { Length: > 0 })
            status["reason"] = why;
        return status;
    }

    private JsonObject Rules(ApiUser user, string ns)
    {
        var (resources, paths) = (new JsonArray(), new JsonArray());
        foreach (var rule in access.RulesOf(user, ns))
            (rule.ContainsKey("nonResourceURLs") ? paths : resources).Add(rule.DeepClone());
        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private JsonObject Token(string token) => authentication.OfToken(token) is { } user
        ? new() { ["authenticated"] = true, ["user"] = Info(user) }
        : new() { ["error"] = "[invalid bearer token, unknown]" };

    private static JsonObject Info(ApiUser user)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
            info["uid"] = user.Uid;
        info["groups"] = new JsonArray([.. user.Groups.Select(static g => (JsonNode)g)]);
        return info;
    }
}
