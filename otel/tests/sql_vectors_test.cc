// SPDX-License-Identifier: Apache-2.0
// The behaviour the semantic conventions publish for SQL text and summary (non-normative database test cases), as a
// table.
#include "otel/src/sql/sanitize.h"
#include "otel/src/sql/summary.h"

#include <gtest/gtest.h>

namespace skua::otel::sql {
namespace {

struct vector_case {
    const char* name;
    const char* sql;
    const char* text;
    const char* summary;
};

constexpr vector_case vectors[] = {
    {"integers", "SELECT 12, -12, +12", "SELECT ?, ?, ?", "SELECT"},
    {"decimal point", "SELECT 12.34, -12.34, +12.34, .01, -.01", "SELECT ?, ?, ?, ?, ?", "SELECT"},
    {"exponent", "SELECT 12.34e56, -12.34e56, +12.34e56", "SELECT ?, ?, ?", "SELECT"},
    {"negative exponent", "SELECT 12.34e-56, -12.34e-56, +12.34e-56", "SELECT ?, ?, ?", "SELECT"},
    {"arithmetic", "SELECT 99+100", "SELECT ??", "SELECT"},
    {"hex", "SELECT 0xDEADBEEF, 0XdeadBEEF", "SELECT ?, ?", "SELECT"},
    {"string", "SELECT 'hello'", "SELECT ?", "SELECT"},
    {"doubled quote", "SELECT 'My name''s not important'", "SELECT ?", "SELECT"},
    {"newline in string", "SELECT 'My name is \n not important'", "SELECT ?", "SELECT"},
    {"digits in names", "SELECT c3po, r2d2 FROM covid19 WHERE n1h1=1234", "SELECT c3po, r2d2 FROM covid19 WHERE n1h1=?",
     "SELECT covid19"},
    {"periods in names", "SELECT a FROM dbo.Table JOIN dbo.AnotherTable",
     "SELECT a FROM dbo.Table JOIN dbo.AnotherTable", "SELECT dbo.Table dbo.AnotherTable"},
    {"insert", "INSERT INTO X VALUES(1, 23456, 123.456, 99+100)", "INSERT INTO X VALUES(?, ?, ?, ?\?)", "INSERT X"},
    {"uuid", "SELECT { guid '01234567-89ab-cdef-0123-456789abcdef' }", "SELECT { guid ? }", "SELECT"},
    {"in list", "SELECT * FROM table WHERE value IN (123, 456, 'abc')", "SELECT * FROM table WHERE value IN (?)",
     "SELECT table"},
    {"comments", "SELECT column -- end of line comment\nFROM /* block \n comment */ table",
     "SELECT column \nFROM  table", "SELECT table"},
    {"insert select",
     "INSERT INTO shipping_details\n(order_id,\naddress)\nSELECT order_id,\naddress\nFROM   orders\nWHERE  order_id = "
     "1",
     "INSERT INTO shipping_details\n(order_id,\naddress)\nSELECT order_id,\naddress\nFROM   orders\nWHERE  order_id = "
     "?",
     "INSERT shipping_details SELECT orders"},
    {"nested select",
     "SELECT order_date\nFROM   (SELECT *\nFROM   orders o\nJOIN customers c\nON o.customer_id = c.customer_id)",
     "SELECT order_date\nFROM   (SELECT *\nFROM   orders o\nJOIN customers c\nON o.customer_id = c.customer_id)",
     "SELECT SELECT orders customers"},
    {"nested select, case kept",
     "SELEcT order_date\nFROM   (sELECT *\nFROM   orders o\nJOIN customers c\nON o.customer_id = c.customer_id)",
     "SELEcT order_date\nFROM   (sELECT *\nFROM   orders o\nJOIN customers c\nON o.customer_id = c.customer_id)",
     "SELEcT sELECT orders customers"},
    {"case kept", "SELEcT order_date\nFROM ORders", "SELEcT order_date\nFROM ORders", "SELEcT ORders"},
    {"cross join", "SELECT * FROM Orders o CROSS JOIN OrderDetails od",
     "SELECT * FROM Orders o CROSS JOIN OrderDetails od", "SELECT Orders OrderDetails"},
    {"comma join", "SELECT * FROM Orders o, OrderDetails od", "SELECT * FROM Orders o, OrderDetails od",
     "SELECT Orders OrderDetails"},
    {"create table", "CREATE  TABLE MyTable (\n    ID NOT NULL IDENTITY(1,1) PRIMARY KEY\n)",
     "CREATE  TABLE MyTable (\n    ID NOT NULL IDENTITY(?,?) PRIMARY KEY\n)", "CREATE TABLE MyTable"},
    {"alter table", "ALTER  TABLE MyTable ADD Name varchar(255)", "ALTER  TABLE MyTable ADD Name varchar(?)",
     "ALTER TABLE MyTable"},
    {"drop table", "DROP  TABLE MyTable", "DROP  TABLE MyTable", "DROP TABLE MyTable"},
    // Of the later ones: definitions, procedures, unions.
    {"keyword as prefix of a name", "SELECT * FROM SelectedData", "SELECT * FROM SelectedData", "SELECT SelectedData"},
    {"unique clustered index", "CREATE UNIQUE CLUSTERED INDEX IX_E ON Employees (Email);",
     "CREATE UNIQUE CLUSTERED INDEX IX_E ON Employees (Email);", "CREATE INDEX IX_E"},
    {"distinct", "SELECT DISTINCT o.Id FROM Orders o JOIN Customers c ON o.CustomerId = c.Id",
     "SELECT DISTINCT o.Id FROM Orders o JOIN Customers c ON o.CustomerId = c.Id", "SELECT Orders Customers"},
    {"if not exists", "CREATE TABLE IF NOT EXISTS Users (Id INT PRIMARY KEY, Name NVARCHAR(100));",
     "CREATE TABLE IF NOT EXISTS Users (Id INT PRIMARY KEY, Name NVARCHAR(?));", "CREATE TABLE Users"},
    {"view", "CREATE VIEW ActiveUsers AS SELECT * FROM Users WHERE IsActive = 1;",
     "CREATE VIEW ActiveUsers AS SELECT * FROM Users WHERE IsActive = ?;", "CREATE VIEW ActiveUsers"},
    {"procedure", "CREATE PROCEDURE GetUserById @UserId INT AS SELECT * FROM Users WHERE Id = @UserId;",
     "CREATE PROCEDURE GetUserById @UserId INT AS SELECT * FROM Users WHERE Id = @UserId;",
     "CREATE PROCEDURE GetUserById"},
    {"trigger with a body",
     "ALTER TRIGGER trg AFTER INSERT AS BEGIN INSERT INTO AuditLog (a) SELECT Id, 'I' FROM i; END;",
     "ALTER TRIGGER trg AFTER INSERT AS BEGIN INSERT INTO AuditLog (a) SELECT Id, ? FROM i; END;", "ALTER TRIGGER trg"},
    {"three joins and a group",
     "SELECT o.Id, SUM(oi.Q) FROM Orders o JOIN Customers c ON o.c = c.Id JOIN OrderItems oi ON "
     "o.Id = oi.o GROUP BY o.Id, c.Name;",
     "SELECT o.Id, SUM(oi.Q) FROM Orders o JOIN Customers c ON o.c = c.Id JOIN OrderItems oi ON o.Id = oi.o GROUP BY "
     "o.Id, "
     "c.Name;",
     "SELECT Orders Customers OrderItems"},
    {"union is one operation", "SELECT Id, Name FROM Customers UNION SELECT Id, Name FROM Suppliers ORDER BY Name;",
     "SELECT Id, Name FROM Customers UNION SELECT Id, Name FROM Suppliers ORDER BY Name;",
     "SELECT Customers Suppliers"},
    {"drop if exists", "DROP TRIGGER IF EXISTS trg_AfterInsert;", "DROP TRIGGER IF EXISTS trg_AfterInsert;",
     "DROP TRIGGER trg_AfterInsert"},
    {"password", "CREATE USER johndoe WITH PASSWORD = 'password';", "CREATE USER johndoe WITH PASSWORD = ?;",
     "CREATE USER johndoe"},
    {"exec", "EXEC GetEmployeeById @EmployeeId = 42;", "EXEC GetEmployeeById @EmployeeId = ?;", "EXEC GetEmployeeById"},
    {"between", "SELECT * FROM T WHERE Amount BETWEEN (10) AND (20);",
     "SELECT * FROM T WHERE Amount BETWEEN (?) AND (?);", "SELECT T"},
    {"in list with signs and exponents", "SELECT * FROM table WHERE value IN (-123, .456, 'abc', 0.12, 1e10)",
     "SELECT * FROM table WHERE value IN (?)", "SELECT table"},
};

TEST(SqlVectors, TextIsSanitised) {
    for (const vector_case& c : vectors) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(sanitize(c.sql, {}, 4096), c.text);
    }
}

TEST(SqlVectors, SummaryNamesOperationsAndTargets) {
    for (const vector_case& c : vectors) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(summarize(c.sql, {}), c.summary);
    }
}

}  // namespace
}  // namespace skua::otel::sql
