using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace CiliumLab.Host.Terminal;

/// <summary>Asks for the values of named fields, such as mandatory parameters that were not given.</summary>
internal sealed class FieldQuestion(TerminalInput input, PSHostUserInterface screen)
{
    public Dictionary<string, PSObject> Ask(string caption, string message, IEnumerable<FieldDescription> fields)
    {
        if (!string.IsNullOrEmpty(caption))
            screen.WriteLine(caption);
        if (!string.IsNullOrEmpty(message))
            screen.WriteLine(message);
        return fields.ToDictionary(field => field.Name, field => PSObject.AsPSObject(Value(field)), StringComparer.OrdinalIgnoreCase);
    }

    private object Value(FieldDescription field)
    {
        if (field.ParameterTypeFullName == typeof(PSCredential).FullName)
            return new CredentialQuestion(input, screen).Ask(null, field.Name, null);
        if (field.ParameterTypeFullName == typeof(SecureString).FullName)
        {
            screen.Write($"{field.Name}: ");
            return input.SecretAnswer($"a value for '{field.Name}'");
        }

        return field.ParameterTypeName.EndsWith("[]", StringComparison.Ordinal) ? Values(field) : Line(field.Name);
    }

    // As in pwsh: one line for each element, and an empty one at the end.
    private string[] Values(FieldDescription field)
    {
        var values = new List<string>();
        while (Line($"{field.Name}[{values.Count}]") is { Length: > 0 } value)
            values.Add(value);
        return [.. values];
    }

    private string Line(string name)
    {
        screen.Write($"{name}: ");
        return input.Answer($"a value for '{name}'");
    }
}
