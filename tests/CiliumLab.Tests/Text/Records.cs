using System.Collections;
using System.Net;
using System.Text;

namespace CiliumLab.Tests.Text;

/// <summary>Prints records with everything in them, so that two can be compared; a record's own equality stops at its lists.</summary>
internal static class Records
{
    /// <summary>One line for each property of each record, nested ones included.</summary>
    public static string Print(IEnumerable<object> records, params string[] without)
    {
        var text = new StringBuilder();
        foreach (var record in records)
            Print(text, record, "", without);
        return text.ToString();
    }

    private static void Print(StringBuilder text, object? value, string path, string[] without)
    {
        switch (value)
        {
            case null:
                break;
            case string or IPAddress or IPNetwork or Enum or TimeSpan or ValueType:
                text.Append(path).Append(" = ").Append(value).Append('\n');
                break;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                    Print(text, entry.Value, $"{path}[{entry.Key}]", without);
                break;
            case IEnumerable many:
                var index = 0;
                foreach (var item in many)
                    Print(text, item, $"{path}[{index++}]", without);
                break;
            default:
                foreach (var property in value.GetType().GetProperties().Where(property => !without.Contains(property.Name)))
                    Print(text, property.GetValue(value), $"{path}.{property.Name}", without);
                text.Append('\n');
                break;
        }
    }
}
